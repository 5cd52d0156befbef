import { daysFromCivil, MONTHS, WEEKDAYS, weekdayOf, yearDayOf, type CivilTime } from './calendar.ts';
import { parseLayout, type LayoutChunk } from './layout.ts';
import type { ZoneRule } from './location.ts';

/** What is formatted. */
export interface FormattedTime {
  readonly nanoseconds: number;
  rule(): ZoneRule;
  civil(): CivilTime;
}

/** time.Time's Format. */
export function formatTime(time: FormattedTime, layout: string): string {
  const rule = time.rule();
  const civil = time.civil();
  let out = '';
  for (const chunk of parseLayout(layout)) out += formatChunk(chunk, { time, rule, civil });
  return out;
}

interface Moment {
  readonly time: FormattedTime;
  readonly rule: ZoneRule;
  readonly civil: CivilTime;
}

function formatChunk({ kind, text }: LayoutChunk, { time, rule, civil }: Moment): string {
  switch (kind) {
    case 'literal':
      return text;
    case 'January':
      return MONTHS[civil.month - 1] ?? '';
    case 'Jan':
      return (MONTHS[civil.month - 1] ?? '').slice(0, 3);
    case '1':
      return String(civil.month);
    case '01':
      return pad(civil.month, 2);
    case 'Monday':
      return weekday(civil);
    case 'Mon':
      return weekday(civil).slice(0, 3);
    case '2':
      return String(civil.day);
    case '_2':
      return String(civil.day).padStart(2);
    case '02':
      return pad(civil.day, 2);
    case '__2':
      return String(yearDayOf(civil)).padStart(3);
    case '002':
      return pad(yearDayOf(civil), 3);
    case '2006':
      return pad(civil.year, 4);
    case '06':
      return pad(Math.abs(civil.year) % 100, 2);
    case 'MST':
      return rule.abbreviation === '' ? formatOffset('-0700', rule.offset) : rule.abbreviation;
    case 'offset':
      return formatOffset(text, rule.offset);
    case 'fraction0':
      return (
        text.charAt(0) +
        pad(time.nanoseconds, 9)
          .padEnd(text.length - 1, '0')
          .slice(0, text.length - 1)
      );
    case 'fraction9':
      return formatFraction(text, time.nanoseconds);
    default:
      return formatClock(kind, civil);
  }
}

function formatClock(kind: LayoutChunk['kind'], { hour, minute, second }: CivilTime): string {
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  switch (kind) {
    case '15':
      return pad(hour, 2);
    case '3':
      return String(twelve);
    case '03':
      return pad(twelve, 2);
    case '4':
      return String(minute);
    case '04':
      return pad(minute, 2);
    case '5':
      return String(second);
    case '05':
      return pad(second, 2);
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
    default:
      return '';
  }
}

function weekday({ year, month, day }: CivilTime): string {
  return WEEKDAYS[weekdayOf(daysFromCivil(year, month, day))] ?? '';
}

function pad(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0');
}

function formatFraction(text: string, nanoseconds: number): string {
  const digits = pad(nanoseconds, 9)
    .slice(0, text.length - 1)
    .replace(/0+$/, '');
  return digits === '' ? '' : text.charAt(0) + digits;
}

/** `style` is one of the layout's offset elements, such as `-07:00` or `Z070000`. */
function formatOffset(style: string, offset: number): string {
  if (offset === 0 && style.startsWith('Z')) return 'Z';
  const minutes = Math.trunc(offset / 60);
  const size = Math.abs(minutes);
  const colon = style.includes(':') ? ':' : '';
  const parts = [pad(Math.floor(size / 60), 2)];
  if (style.length > 3) parts.push(pad(size % 60, 2));
  if (style.replaceAll(':', '').length === 7) parts.push(pad(Math.abs(offset) % 60, 2));
  return (minutes < 0 ? '-' : '+') + parts.join(colon);
}
