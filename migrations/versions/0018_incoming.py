"""calendars coming in, blackouts, overrides, and tokens for pipelines"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
WALL = sa.DateTime(timezone=False)
JSON = sa.JSON().with_variant(JSONB(), 'postgresql')
SCOPES = "scope in ('everywhere', 'country', 'location', 'department', 'place')"


def upgrade() -> None:
    _shared_calendar()
    _imported_event()
    _blackout()
    _override()
    _api_token()


def downgrade() -> None:
    for table in ('api_token', 'calendar_override', 'blackout', 'imported_event', 'shared_calendar'):
        op.drop_table(table)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ['person.id'], name=op.f(f'fk_{table}_{column}'), ondelete='SET NULL')


def _calendar(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(['calendar_id'], ['shared_calendar.id'], name=op.f(f'fk_{table}_calendar_id'), ondelete='CASCADE')


def _check(table: str, name: str, what: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(what, name=op.f(f'ck_{table}_{name}'))


def _shared_calendar() -> None:
    t = 'shared_calendar'
    op.create_table(
        t,
        sa.Column('id', BIG, nullable=False),
        sa.Column('slug', sa.String(60), nullable=False),
        sa.Column('name', sa.String(120), nullable=False),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('source', sa.String(16), nullable=False),
        sa.Column('team_id', BIG, nullable=False),
        sa.Column('scope', sa.String(16), nullable=False),
        sa.Column('scope_value', sa.String(200), nullable=False),
        sa.Column('closes_all', sa.Boolean(), nullable=False),
        sa.Column('zone', sa.String(64), nullable=False),
        sa.Column('sealed', sa.Text(), nullable=False),
        sa.Column('host', sa.String(255), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=True),
        sa.Column('etag', sa.String(300), nullable=False),
        sa.Column('last_modified', sa.String(80), nullable=False),
        sa.Column('pause_minutes', sa.Integer(), nullable=False),
        sa.Column('next_at', MOMENT, nullable=True),
        sa.Column('tried_at', MOMENT, nullable=True),
        sa.Column('read_at', MOMENT, nullable=True),
        sa.Column('changed_at', MOMENT, nullable=True),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('failure', sa.String(60), nullable=False),
        sa.Column('problems', JSON, nullable=False),
        sa.Column('problem_count', sa.Integer(), nullable=False),
        sa.Column('event_count', sa.Integer(), nullable=False),
        sa.Column('covered_from', MOMENT, nullable=True),
        sa.Column('covered_until', MOMENT, nullable=True),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('created_by_id', BIG, nullable=True),
        sa.Column('removed_at', MOMENT, nullable=True),
        _check(t, 'kind_is_known', "kind in ('freeze', 'quiet', 'holiday', 'room', 'window')"),
        _check(t, 'source_is_known', "source in ('hand', 'file', 'address')"),
        _check(t, 'scope_is_known', SCOPES),
        _check(t, 'by_hand_only_what_stops', "source <> 'hand' or kind in ('freeze', 'quiet')"),
        _check(t, 'only_a_freeze_closes_all', "not closes_all or kind = 'freeze'"),
        _check(t, 'an_address_where_one_is', "(source = 'address') = (sealed <> '')"),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f(f'fk_{t}_team_id')),
        _person(t, 'created_by_id'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{t}')),
        sa.UniqueConstraint('slug', name=op.f(f'uq_{t}_slug')),
    )
    op.create_index(f'ix_{t}_team_id', t, ['team_id'])
    op.create_index(f'ix_{t}_next_at', t, ['next_at'])


def _imported_event() -> None:
    t = 'imported_event'
    op.create_table(
        t,
        sa.Column('id', BIG, nullable=False),
        sa.Column('calendar_id', BIG, nullable=False),
        sa.Column('uid', sa.String(255), nullable=False),
        sa.Column('occurrence', sa.String(16), nullable=False),
        sa.Column('title', sa.String(200), nullable=False),
        sa.Column('place', sa.String(200), nullable=False),
        sa.Column('starts_at', MOMENT, nullable=False),
        sa.Column('ends_at', MOMENT, nullable=False),
        sa.Column('all_day', sa.Boolean(), nullable=False),
        _check(t, 'ends_not_before_start', 'ends_at >= starts_at'),
        _calendar(t),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{t}')),
        sa.UniqueConstraint('calendar_id', 'uid', 'occurrence', name='one_row_per_occurrence'),
    )
    op.create_index('ix_imported_event_calendar_starts', t, ['calendar_id', 'starts_at'])
    op.create_index('ix_imported_event_span', t, ['starts_at', 'ends_at'])


def _blackout() -> None:
    t = 'blackout'
    op.create_table(
        t,
        sa.Column('id', BIG, nullable=False),
        sa.Column('uid', sa.String(80), nullable=False),
        sa.Column('team_id', BIG, nullable=False),
        sa.Column('calendar_id', BIG, nullable=True),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('title', sa.String(200), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('starts_local', WALL, nullable=False),
        sa.Column('ends_local', WALL, nullable=False),
        sa.Column('zone', sa.String(64), nullable=False),
        sa.Column('all_day', sa.Boolean(), nullable=False),
        sa.Column('starts_at', MOMENT, nullable=False),
        sa.Column('ends_at', MOMENT, nullable=False),
        sa.Column('scope', sa.String(16), nullable=False),
        sa.Column('scope_value', sa.String(200), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('revised_at', MOMENT, nullable=False),
        sa.Column('created_by_id', BIG, nullable=True),
        sa.Column('removed_at', MOMENT, nullable=True),
        _check(t, 'kind_is_known', "kind in ('freeze', 'quiet')"),
        _check(t, 'scope_is_known', SCOPES),
        _check(t, 'ends_not_before_start', 'ends_local >= starts_local'),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f(f'fk_{t}_team_id')),
        _calendar(t),
        _person(t, 'created_by_id'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{t}')),
        sa.UniqueConstraint('uid', name=op.f(f'uq_{t}_uid')),
    )
    op.create_index(f'ix_{t}_team_id', t, ['team_id'])
    op.create_index(f'ix_{t}_calendar_id', t, ['calendar_id'])
    op.create_index(f'ix_{t}_span', t, ['starts_at', 'ends_at'])


def _override() -> None:
    t = 'calendar_override'
    op.create_table(
        t,
        sa.Column('id', BIG, nullable=False),
        sa.Column('calendar_id', BIG, nullable=True),
        sa.Column('sponsor_id', BIG, nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('starts_at', MOMENT, nullable=False),
        sa.Column('until_at', MOMENT, nullable=False),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.Column('reviewed_at', MOMENT, nullable=True),
        sa.Column('reviewer_id', BIG, nullable=True),
        sa.Column('verdict', sa.String(16), nullable=False),
        sa.Column('finding', sa.Text(), nullable=False),
        _check(t, 'ends_after_it_starts', 'until_at > starts_at'),
        _check(t, 'verdict_is_known', "verdict in ('', 'needed', 'avoidable')"),
        _check(t, 'a_verdict_once_reviewed', "(reviewed_at is null) = (verdict = '')"),
        _check(t, 'reviewed_by_somebody_else', 'reviewer_id is null or sponsor_id is null or reviewer_id <> sponsor_id'),
        _calendar(t),
        _person(t, 'sponsor_id'),
        _person(t, 'reviewer_id'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{t}')),
    )
    op.create_index(f'ix_{t}_calendar_id', t, ['calendar_id'])


def _api_token() -> None:
    t = 'api_token'
    op.create_table(
        t,
        sa.Column('id', BIG, nullable=False),
        sa.Column('team_id', BIG, nullable=False),
        sa.Column('name', sa.String(120), nullable=False),
        sa.Column('scope', sa.String(40), nullable=False),
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('beginning', sa.String(12), nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('created_by_id', BIG, nullable=True),
        sa.Column('used_at', MOMENT, nullable=True),
        sa.Column('revoked_at', MOMENT, nullable=True),
        _check(t, 'scope_is_known', "scope in ('calendars.state')"),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f(f'fk_{t}_team_id'), ondelete='CASCADE'),
        _person(t, 'created_by_id'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{t}')),
        sa.UniqueConstraint('token_hash', name=op.f(f'uq_{t}_token_hash')),
    )
    op.create_index(f'ix_{t}_team_id', t, ['team_id'])
