"""What a shift asks of the ledger in the plain case, in words of SQL for PostgreSQL.

The plain case is that everything that ended was accepted: no copy needs a line of history, nothing
is in doubt. Everything else, and everything on SQLite, goes through `windows.turn_over`,
`leases.lease`, `windows.rows_of` and `leases.let_go`; tests hold each statement to these.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import cast

from sqlalchemy import text

from commsplan.delivery.copies import ReaderRow
from commsplan.delivery.leases import Lease
from commsplan.delivery.ledger_line import Statement, Table
from commsplan.delivery.windows import Row, Turn

GOES_OUT = """send.state = 'running' and send.paused_at is null
                and (send.valid_until is null or send.valid_until > cast(:now as timestamptz))
                and (send.seen_at is null or send.seen_at > cast(:forgotten as timestamptz))
                and (send.stop_percent is null or send.seen_at > cast(:unwatched as timestamptz))"""
"""`leases.goes_out`."""

AT_ONCE = f"""
with renewed as (
    update chunk set lease_until = cast(:until as timestamptz)
    where id = cast(:chunk as bigint) and fence = cast(:fence as integer) and leased_by = :worker
        and state = 'leased'
        and exists (select from send where send.id = chunk.send_id and {GOES_OUT})
    returning id
), settled as (
    update delivery set state = 'accepted', note = v.note, relay = v.relay,
        settled_at = cast(:now as timestamptz), accepted_at = cast(:now as timestamptz),
        attempts = attempts + 1
    from rows from (
        unnest(cast(:ids as bigint[])),
        json_array_elements_text(cast(:notes as json)),
        json_array_elements_text(cast(:relays as json))
    ) as v (id, note, relay)
    where delivery.id = v.id and delivery.fence = cast(:fence as integer)
        and delivery.state = 'sending'
    returning delivery.id
), begun as (
    update delivery set state = 'sending', fence = cast(:fence as integer)
    where id = any(cast(:going as bigint[])) and state = 'planned'
        and exists (select from renewed)
    returning id
)
select (select count(*) from renewed), (select count(*) from settled),
    (select coalesce(json_agg(id), '[]') from begun)
"""  # noqa: S608  # two constants of this file

LEASE = f"""
with next_chunk as materialized (
    select chunk.id from chunk join send on send.id = chunk.send_id
    where chunk.send_id = cast(:send as bigint) and chunk.state = 'ready'
        and chunk.not_before <= cast(:now as timestamptz) and {GOES_OUT}
    order by chunk.not_before, chunk.id limit 1 for update of chunk skip locked
)
update chunk set state = 'leased', fence = fence + 1, leased_by = :worker,
    leased_at = cast(:now as timestamptz), lease_until = cast(:until as timestamptz), tally = null
where state = 'ready' and id in (select id from next_chunk)
returning id, send_id, first_id, last_id, fence, leased_by
"""  # noqa: S608  # likewise
"""Materialized: a plan may run a plain subquery again for each chunk, and lease them all."""

ROWS = """
select coalesce(json_agg(json_build_array(d.id, d.address, d.attempts, p.name, p.first_name,
    p.title, p.department, p.location, p.country, p.language, p.chosen_language, m.name)
    order by d.id), '[]')
from chunk
join delivery as d on d.send_id + 0 = chunk.send_id
    and d.id between chunk.first_id and chunk.last_id
join person as p on p.id = d.person_id
left join person as m on m.id = p.manager_id
where chunk.state = 'leased' and chunk.lease_until = cast(:until as timestamptz)
    and chunk.leased_by = :worker and chunk.leased_at = cast(:now as timestamptz)
    and d.state = 'planned' and d.not_before <= cast(:now as timestamptz)
    and (d.quiet_at is null or d.quiet_at > cast(:now as timestamptz))
"""
"""The copies of the chunk that `LEASE` has taken, in the same transaction, for `Row`."""

RELEASE = """
update chunk set state = 'ready', fence = fence + 1, leased_by = '', lease_until = null,
    closed_at = cast(:now as timestamptz)
where id = cast(:chunk as bigint) and fence = cast(:fence as integer) and leased_by = :worker
    and state = 'leased'
returning id
"""

TALLY = """
with counted as (
    select state, relay, lower(split_part(address, '@', 2)) as domain, count(*) as copies,
        min(case when quiet_at <= cast(:now as timestamptz) then cast(:later as timestamptz)
            else not_before end) as waits
    from delivery
    where send_id + 0 = cast(:send as bigint)
        and id between cast(:first as bigint) and cast(:last as bigint)
    group by 1, 2, 3
), told as (
    select count(distinct domain) > cast(:apart as integer) as together from counted
), folded as (
    select state, relay, case when together then '' else domain end as domain,
        cast(sum(copies) as bigint) as copies
    from counted, told group by 1, 2, 3
)
update chunk set
    tally = (select coalesce(jsonb_agg(jsonb_build_array(state, relay, domain, copies)
        order by state collate "C", relay collate "C", domain collate "C"), '[]') from folded),
    state = case when exists (select from counted where state = 'planned')
        then 'ready' else 'closed' end,
    not_before = coalesce((select min(waits) from counted where state = 'planned'), not_before)
where id = cast(:chunk as bigint) and fence = cast(:fence as integer) + 1 and leased_by = ''
    and state = 'ready' and closed_at = cast(:now as timestamptz)
returning id
"""
"""`tallies.write_tally`, after `RELEASE` has locked the chunk."""


class Words:
    """The statements as a line takes them."""

    def __init__(self) -> None:
        """Compile them as they are worded now."""
        self.turn = [Statement("turn", text(AT_ONCE))]
        self.lease = [Statement("lease", text(LEASE)), Statement("rows", text(ROWS))]
        self.let_go = [Statement("release", text(RELEASE)), Statement("tally", text(TALLY))]

    @property
    def all(self) -> list[Statement]:
        """Return every one."""
        return [*self.turn, *self.lease, *self.let_go]


def numbers(ids: Iterable[int]) -> str:
    """Return numbers as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, ids)) + "}"


def turn_from(tables: list[Table], began_any: bool) -> Turn:
    """Return what `AT_ONCE` answered."""
    ours, settled, begun = tables[0][0]
    return Turn(frozenset(json.loads(begun)), int(settled), ours == "1" or not began_any)


def chunk_from(tables: list[Table]) -> tuple[Lease, list[Row]] | None:
    """Return what `LEASE` and `ROWS` answered."""
    taken, found = tables
    if not taken:
        return None
    *ids, fence, worker = taken[0]
    chunk_id, send_id, first_id, last_id = map(int, ids)
    rows = [
        Row(row[0], row[1], row[2], cast(ReaderRow, tuple(row[3:])))
        for row in json.loads(found[0][0])
    ]
    return Lease(chunk_id, send_id, first_id, last_id, int(fence), worker), rows
