"""One to five questions after a message, and each person's answers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    event,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.delivery.models import Delivery
from commsplan.foundation.database import Identity, Moment, Table
from commsplan.messages.models import Message
from commsplan.people.models import Person


class Survey(Table):
    """A few questions that belong to one message."""

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), unique=True
    )
    """After which message."""
    intro: Mapped[str] = mapped_column(Text, default="")
    """What it is for, one or two sentences."""
    closes_at: Mapped[datetime] = mapped_column(Moment)
    """Until when answers can be given and changed."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who tells people what came of it."""
    reply_by: Mapped[date]
    """By when they will hear."""
    smallest_group: Mapped[int] = mapped_column(default=5)
    """Figures of fewer answers than this stay hidden; fixed once somebody has answered."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was made."""

    message: Mapped[Message] = relationship()
    owner: Mapped[Person | None] = relationship()
    questions: Mapped[list[Question]] = relationship(
        cascade="all, delete-orphan", order_by="Question.position", back_populates="survey"
    )


def _tell_the_message(connection: Connection, survey: Survey, there: bool) -> None:
    """Keep `Message.has_survey` true, so that its copies point to the questions, or do not."""
    connection.execute(
        update(Message).where(Message.id == survey.message_id).values(has_survey=there)
    )


@event.listens_for(Survey, "after_insert")
def _is_there(_mapper: object, connection: Connection, survey: Survey) -> None:
    _tell_the_message(connection, survey, there=True)


@event.listens_for(Survey, "after_delete")
def _is_gone(_mapper: object, connection: Connection, survey: Survey) -> None:
    _tell_the_message(connection, survey, there=False)


class Question(Table):
    """One question."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("survey_id", "position", name="one_question_per_position"),
        CheckConstraint("position between 1 and 5", name="at_most_five_questions"),
        CheckConstraint("kind in ('rating', 'choice', 'text', 'yes_no')", name="kind_is_known"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    """Of which survey."""
    position: Mapped[int]
    """1 to 5."""
    kind: Mapped[str] = mapped_column(String(8))
    """rating (1 to 5), choice, text, or yes_no."""
    words: Mapped[str] = mapped_column(String(300))
    """The question."""
    checks_understanding: Mapped[bool] = mapped_column(default=False)
    """Whether a right answer shows that the message was understood."""

    survey: Mapped[Survey] = relationship(back_populates="questions")
    choices: Mapped[list[Choice]] = relationship(
        cascade="all, delete-orphan", order_by="Choice.position", back_populates="question"
    )


class Choice(Table):
    """One answer to choose; yes_no has two."""

    __tablename__ = "choice"
    __table_args__ = (UniqueConstraint("question_id", "position", name="one_choice_per_position"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    """Of which question."""
    position: Mapped[int]
    """Counts from 1."""
    words: Mapped[str] = mapped_column(String(200))
    """The answer."""
    right: Mapped[bool] = mapped_column(default=False)
    """Whether it is the right one, for a check of understanding."""

    question: Mapped[Question] = relationship(back_populates="choices")


class Response(Table):
    """One person's answers to one survey; changeable until it closes."""

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("survey_id", "person_id", name="one_response_per_person_and_survey"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    """To which survey."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """Whose."""
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    """Through which copy they came."""
    at: Mapped[datetime] = mapped_column(Moment)
    """First answered."""
    changed_at: Mapped[datetime] = mapped_column(Moment)
    """Last changed."""

    delivery: Mapped[Delivery] = relationship()
    answers: Mapped[list[Answer]] = relationship(cascade="all, delete-orphan")


class Answer(Table):
    """One answer to one question."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("response_id", "question_id", name="one_answer_per_question"),
        CheckConstraint("rating is null or rating between 1 and 5", name="rating_is_1_to_5"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    """Whose."""
    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), index=True
    )
    """To which question."""
    rating: Mapped[int | None]
    """1 to 5, for a rating."""
    choice_id: Mapped[int | None] = mapped_column(ForeignKey("choice.id", ondelete="CASCADE"))
    """For choice and yes_no."""
    text: Mapped[str] = mapped_column(Text, default="")
    """For free text."""
