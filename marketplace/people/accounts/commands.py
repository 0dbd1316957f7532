"""``marketplace user``: the first administrator, roles with scope, a forgotten password."""

from __future__ import annotations

import sys
import uuid
from typing import Any

import click

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role


class Unusable(click.ClickException):
    """Input that cannot be used: exit code 2."""

    exit_code = 2


@click.group()
def user() -> None:
    """Persons and their roles."""


@user.command()
@click.option("--name", required=True, help="Name as people know it.")
@click.option("--phone", required=True, help="Mobile number: 11 digits.")
@click.option("--email", default=None, help="E-mail address, if there is one.")
@click.pass_obj
def create(installation: Any, name: str, phone: str, email: str | None) -> None:
    """Make a person known. The password is asked for, or read from the first line of standard input."""
    from marketplace.people.accounts import actions

    password = _password()
    made = _act(installation, lambda ctx: actions.create_person(ctx, name, phone, email, password))
    click.echo(f"{made.id} {made.name} {made.phone}")


@user.command()
@click.option("--phone", required=True, help="Mobile number of the person.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", default=None, help="Unified social credit code.")
@click.option("--pilot", default=None, type=click.UUID, help="Id of a pilot.")
@click.option("--region", default=None, help="GB/T 2260 code of a city or province.")
@click.pass_obj
def grant(
    installation: Any, phone: str, role: str, organisation: str | None, pilot: uuid.UUID | None, region: str | None
) -> None:
    """Give a person a role at a place; given again it changes nothing."""
    from marketplace.people.accounts import actions, queries, rules
    from marketplace.people.organisations import queries as organisations

    def give(ctx: Context) -> Any:
        person = queries.by_phone(ctx, rules.normal_phone(phone))
        if person is None:
            raise Unusable(f"nobody has the phone number {phone}")
        firm = organisations.by_uscc(ctx, organisation) if organisation else None
        if organisation and firm is None:
            raise Unusable(f"no organisation has the code {organisation}")
        return actions.grant(
            ctx,
            person.id,
            Role(role),
            organisation_id=firm.id if firm else None,
            pilot_id=pilot,
            region=region,
        )

    held = _act(installation, give)
    click.echo(f"{held.id} {held.role.value} {held.region or held.pilot_id or held.organisation_id or ''}".rstrip())


@user.command()
@click.option("--phone", required=True, help="Mobile number of the person.")
@click.pass_obj
def password(installation: Any, phone: str) -> None:
    """Set a new password for somebody who forgot the old one; every browser is signed out."""
    from marketplace.people.accounts import queries, rules, signing

    new = _password()

    def change(ctx: Context) -> None:
        person = queries.by_phone(ctx, rules.normal_phone(phone))
        if person is None:
            raise Unusable(f"nobody has the phone number {phone}")
        signing.set_password(ctx, person.id, new)

    _act(installation, change)
    click.echo("password set")


def _password() -> str:
    """Asked for twice at a terminal, else the first line of standard input: never an argument others could read."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _act(installation: Any, verb: Any) -> Any:
    """Do one act as the platform; a refusal ends with one line and exit code 2."""
    try:
        return installation.act(verb)
    except Refusal as refusal:
        raise Unusable(str(refusal)) from None
