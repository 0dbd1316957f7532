"""Products of the made-up city's providers, reviewed and listed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from marketplace.base.stage import Scene, Stage
from marketplace.shop.catalogue import actions as catalogue
from marketplace.shop.roster.states import ServiceClass

PRODUCTS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "scenes.toml").read_text(encoding="utf-8"))[
    "product"
]


def scenes() -> list[Scene]:
    return [Scene("products are written and submitted", 268, _submit), Scene("the city lists them", 265, _list)]


def _submit(stage: Stage) -> None:
    stage.props["submitted"] = []
    for entry in PRODUCTS:
        key = f"provider{entry['provider']}"
        content = {
            "name": entry["name"],
            "klass": ServiceClass.PRODUCT.value,
            "summary": entry["summary"],
            "scenarios": entry["scenarios"],
            "industries": ["C20", "C21"],
            "deployment": entry["deployment"],
            "delivery_days": entry["days"],
            "small": "单模块独立部署，不改动现有系统，一个车间即可开始使用。",
            "fast": f"从进场到上线不超过 {entry['days']} 天，提供上线计划和验收清单。",
            "light": "按年订阅或一次买断，无需自建机房，手机和普通电脑即可使用。",
            "precise": "针对家具与板材企业的工序、设备和质检点预置模板。",
            "cases": "邻市示范家具厂：上线后在制品减少两成，联系人可回访。",
            "exit_terms": "数据可随时导出为表格，停止服务后保留九十天。",
            "packages": entry["packages"],
        }
        product = stage.act(lambda ctx, content=content: catalogue.draft_product(ctx, content=content), key)
        stage.act(lambda ctx, product=product: catalogue.publish_edition(ctx, product.id), key)
        listing = stage.act(
            lambda ctx, product=product: catalogue.submit_listing(ctx, product.id, city=stage.props["city"]), key
        )
        stage.props["submitted"].append(listing.id)


def _list(stage: Stage) -> None:
    stage.props["listings"] = stage.props["submitted"][:-1]
    for listing_id in stage.props["listings"]:
        stage.act(
            lambda ctx, listing_id=listing_id: catalogue.review_listing(
                ctx,
                listing_id,
                approve=True,
                reason="四项依据齐全，报价清楚。",
                categories={"county": "renovation", "zone": "renovation"},
            ),
            "city",
        )
