// Reads {text, until} from standard input and writes every occurrence that ical.js sees.
import ICAL from "ical.js";

let input = "";
for await (const piece of process.stdin) input += piece;
const { text, until } = JSON.parse(input);
const root = new ICAL.Component(ICAL.parse(text));
for (const zone of root.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

const spoken = (time) =>
  time.isDate || time.zone === ICAL.Timezone.localTimezone
    ? time.toString()
    : time.toJSDate().toISOString().replace(".000Z", "Z");
const told = (item, starts, ends) => ({ title: item.summary, starts: spoken(starts), ends: spoken(ends) });

const events = root.getAllSubcomponents("vevent");
const exceptions = events.filter((event) => event.hasProperty("recurrence-id"));
const found = [];
for (const component of events) {
  if (component.hasProperty("recurrence-id")) continue;
  const uid = component.getFirstPropertyValue("uid");
  const own = exceptions.filter((event) => event.getFirstPropertyValue("uid") === uid);
  const event = new ICAL.Event(component, { exceptions: own });
  if (!event.isRecurring()) {
    found.push(told(event, event.startDate, event.endDate));
    continue;
  }
  const iterator = event.iterator();
  for (let next = iterator.next(); next && next.toString() < until; next = iterator.next()) {
    const { item, startDate, endDate } = event.getOccurrenceDetails(next);
    found.push(told(item, startDate, endDate));
  }
}
console.log(JSON.stringify(found));
