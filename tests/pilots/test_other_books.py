"""Books of other policies, which lack parts of the founding one, on the pages that show a book."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from marketplace.policy.books import shelf
from marketplace.policy.editions import actions as editions
from tests.support.people import client_as


@pytest.mark.parametrize("code", ["national-2023", "nanchang-2024"])
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_page_of_a_book_shows_what_it_has_and_no_more(
    app: Flask, act: Callable[..., Any], code: str, language: str
) -> None:
    edition, book = act(lambda ctx: editions.publish(ctx, code)), shelf.load(code)
    answer = client_as(app, None).get(f"/policy/{edition.id}?lang={language}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    main = page[page.index("<main") : page.index("</main>")]
    assert "None" not in re.sub(r"<[^>]+>", "\n", main)
    english = language == "en"
    for open_question in book.silent.values():
        asked = open_question.question_en if english else open_question.question_zh
        assert asked.replace("“", "").split("”")[-1] in main
    for kind in book.types.values():
        for klass in kind.classes.values():
            assert (klass.name_en if english else klass.name_zh) in main
    absent = {"五、申报", "六、服务商与验收", "七、报送与处理", "分期拨付"}
    assert not [title for title in absent if title in main]
    assert (book.targets.other_level in main) if book.targets.other_level else ("二级 " not in main)
