"""invitations to meetings: who, what they said, what was mailed, who was there"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), 'postgresql')


def _to(table: str, column: str, other: str, **more: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=op.f(f'fk_{table}_{column}'), **more)


def upgrade() -> None:
    with op.batch_alter_table('activity') as batch_op:
        batch_op.add_column(sa.Column('capacity', sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f('ck_activity_capacity_is_positive'), 'capacity is null or capacity > 0')
    op.create_table(
        'meeting',
        sa.Column('activity_id', BIG, nullable=False),
        sa.Column('head_id', BIG, nullable=True),
        sa.Column('by_id', BIG, nullable=True),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('seen_sequence', sa.Integer(), nullable=False),
        _to('meeting', 'activity_id', 'activity', ondelete='CASCADE'),
        _to('meeting', 'head_id', 'activity', ondelete='CASCADE'),
        _to('meeting', 'by_id', 'person', ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('activity_id', name=op.f('pk_meeting')),
    )
    op.create_index(op.f('ix_meeting_head_id'), 'meeting', ['head_id'])
    op.create_table(
        'invitation',
        sa.Column('id', BIG, nullable=False),
        sa.Column('activity_id', BIG, nullable=False),
        sa.Column('person_id', BIG, nullable=False),
        sa.Column('occurrence', sa.String(length=8), server_default='', nullable=False),
        sa.Column('invited', sa.Boolean(), nullable=False),
        sa.Column('session_id', BIG, nullable=True),
        sa.Column('answer', sa.String(length=12), nullable=False),
        sa.Column('answered_at', MOMENT, nullable=True),
        sa.Column('answered_via', sa.String(length=8), server_default='', nullable=False),
        sa.Column('note', sa.String(length=500), server_default='', nullable=False),
        sa.Column('seated_at', MOMENT, nullable=True),
        sa.Column('waiting_since', MOMENT, nullable=True),
        sa.Column('told', JSON, nullable=False),
        sa.Column('reminded_at', MOMENT, nullable=True),
        sa.Column('withdrawn_at', MOMENT, nullable=True),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.CheckConstraint("answer in ('needs-action', 'accepted', 'declined', 'tentative')", name=op.f('ck_invitation_answer_is_known')),
        sa.CheckConstraint('seated_at is null or waiting_since is null', name=op.f('ck_invitation_seated_or_waiting')),
        sa.CheckConstraint("answer = 'accepted' or waiting_since is null", name=op.f('ck_invitation_only_who_accepts_waits')),
        _to('invitation', 'activity_id', 'activity', ondelete='CASCADE'),
        _to('invitation', 'person_id', 'person', ondelete='CASCADE'),
        _to('invitation', 'session_id', 'activity', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
        sa.UniqueConstraint('activity_id', 'person_id', 'occurrence', name='one_invitation_per_person_and_occurrence'),
    )
    op.create_index('ix_invitation_session', 'invitation', ['session_id', 'occurrence', 'answer'])
    op.create_index('ix_invitation_person', 'invitation', ['person_id'])
    op.create_table(
        'invitation_mail',
        sa.Column('id', BIG, nullable=False),
        sa.Column('invitation_id', BIG, nullable=False),
        sa.Column('person_id', BIG, nullable=False),
        sa.Column('activity_id', BIG, nullable=False),
        sa.Column('occurrence', sa.String(length=8), server_default='', nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('words', sa.String(length=500), server_default='', nullable=False),
        sa.Column('state', sa.String(length=12), nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('fence', sa.Integer(), nullable=False),
        sa.Column('leased_by', sa.String(length=80), server_default='', nullable=False),
        sa.Column('lease_until', MOMENT, nullable=True),
        sa.Column('relay', sa.String(length=80), server_default='', nullable=False),
        sa.Column('note', sa.String(length=500), server_default='', nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('settled_at', MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('invitation', 'update', 'cancellation', 'reminder', 'choice', 'waiting', 'seat', 'counter', 'note')", name=op.f('ck_invitation_mail_kind_is_known')),
        sa.CheckConstraint("state in ('planned', 'sending', 'accepted', 'bounced', 'failed', 'uncertain', 'cancelled', 'suppressed')", name=op.f('ck_invitation_mail_state_is_known')),
        sa.CheckConstraint("(state = 'sending') = (lease_until is not null)", name=op.f('ck_invitation_mail_leased_while_sending')),
        _to('invitation_mail', 'invitation_id', 'invitation', ondelete='CASCADE'),
        _to('invitation_mail', 'person_id', 'person', ondelete='CASCADE'),
        _to('invitation_mail', 'activity_id', 'activity', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation_mail')),
    )
    still = sa.text("state in ('planned', 'sending')")
    op.create_index('ix_invitation_mail_due', 'invitation_mail', ['due_at', 'id'], sqlite_where=still, postgresql_where=still)
    op.create_index('ix_invitation_mail_invitation', 'invitation_mail', ['invitation_id'])
    op.create_table(
        'invitation_reply',
        sa.Column('id', BIG, nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('invitation_id', BIG, nullable=True),
        sa.Column('activity_id', BIG, nullable=True),
        sa.Column('verdict', sa.String(length=20), nullable=False),
        sa.Column('answer', sa.String(length=12), server_default='', nullable=False),
        sa.Column('occurrence', sa.String(length=8), server_default='', nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=True),
        sa.Column('words', sa.String(length=500), server_default='', nullable=False),
        sa.CheckConstraint("verdict in ('taken', 'unreadable', 'no answer', 'unknown event', 'unproven', 'wrong sender', 'no longer invited', 'meeting is over', 'older version', 'not newer', 'proposal declined', 'in words', 'automatic answer', 'came back')", name=op.f('ck_invitation_reply_verdict_is_known')),
        _to('invitation_reply', 'invitation_id', 'invitation', ondelete='SET NULL'),
        _to('invitation_reply', 'activity_id', 'activity', ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation_reply')),
    )
    op.create_index('ix_invitation_reply_activity', 'invitation_reply', ['activity_id', 'id'])
    op.create_table(
        'attendance',
        sa.Column('id', BIG, nullable=False),
        sa.Column('activity_id', BIG, nullable=False),
        sa.Column('occurrence', sa.String(length=8), server_default='', nullable=False),
        sa.Column('person_id', BIG, nullable=False),
        sa.Column('how', sa.String(length=8), nullable=False),
        sa.Column('by_id', BIG, nullable=True),
        sa.Column('at', MOMENT, nullable=False),
        sa.CheckConstraint("how in ('ticked', 'code')", name=op.f('ck_attendance_how_is_known')),
        _to('attendance', 'activity_id', 'activity', ondelete='CASCADE'),
        _to('attendance', 'person_id', 'person', ondelete='CASCADE'),
        _to('attendance', 'by_id', 'person', ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance')),
        sa.UniqueConstraint('activity_id', 'occurrence', 'person_id', name='one_attendance_per_person_and_occurrence'),
    )
    op.create_index(op.f('ix_attendance_person_id'), 'attendance', ['person_id'])


def downgrade() -> None:
    for name in ('attendance', 'invitation_reply', 'invitation_mail', 'invitation', 'meeting'):
        op.drop_table(name)
    with op.batch_alter_table('activity') as batch_op:
        batch_op.drop_constraint(op.f('ck_activity_capacity_is_positive'), type_='check')
        batch_op.drop_column('capacity')
