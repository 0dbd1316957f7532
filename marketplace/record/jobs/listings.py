"""The kept runs of one job."""

from __future__ import annotations

from marketplace.base.paging import Key
from marketplace.base.text import N_
from marketplace.record.jobs import queries
from marketplace.record.jobs.models import JobRun, Outcome
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Day, Listing, Sort

OUTCOMES = {Outcome.DONE: N_("完成"), Outcome.FAILED: N_("失败")}
TONES = {Outcome.DONE: "ok", Outcome.FAILED: "bad"}

RUNS = Listing(
    "job-runs",
    N_("运行记录"),
    rows=queries.runs,
    columns=[
        Column("started_at", N_("开始"), "moment"),
        Column("finished_at", N_("结束"), "moment", hidden=True, filed=True),
        Column(
            "seconds",
            N_("用时（秒）"),
            value=lambda run, _: f"{(run.finished_at - run.started_at).total_seconds():.1f}",
        ),
        Column("outcome", N_("结果"), "tags", value=lambda run, _: [(OUTCOMES[run.outcome], TONES[run.outcome])]),
        Column("account", N_("日志"), "code", lambda run, _: run.account or say(N_("无事可做"))),
        Column("by_hand", N_("启动方式"), "word", value=lambda run, _: N_("手动") if run.person_id else N_("定时")),
    ],
    filters=[
        Choice("outcome", N_("结果"), options=OUTCOMES, tabs=True),
        Day("since", N_("起始日期")),
        Day("until", N_("截止日期")),
    ],
    sorts=[
        Sort("newest", N_("最新在前"), [Key(JobRun.id, True)]),
        Sort("oldest", N_("最早在前"), [Key(JobRun.id)]),
    ],
    empty=N_("还没有运行记录。"),
)
