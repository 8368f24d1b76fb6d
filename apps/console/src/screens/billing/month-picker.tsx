import { Link, useNavigate } from '@tanstack/react-router';
import { Choice } from '../../ui/field.tsx';
import { monthAfter, monthInWords, monthOf, monthsToChoose } from './month.ts';

/** The month that is shown; it stands in the URL. */
export function MonthPicker({ month, now }: { month: string; now: number }) {
  const navigate = useNavigate();
  const next = monthAfter(month, 1);
  return (
    <div className="month-picker">
      <Link className="button" to="/billing" search={{ month: monthAfter(month, -1) }}>
        <span aria-hidden="true">‹</span>
        <span className="visually-hidden">The month before, {monthInWords(monthAfter(month, -1))}</span>
      </Link>
      <Choice
        label="Month"
        value={month}
        choices={monthsToChoose(now, month).map((value) => ({ value, name: monthInWords(value) }))}
        onChange={(chosen) => void navigate({ to: '/billing', search: { month: chosen } })}
      />
      {next <= monthOf(now) && (
        <Link className="button" to="/billing" search={{ month: next }}>
          <span aria-hidden="true">›</span>
          <span className="visually-hidden">The next month, {monthInWords(next)}</span>
        </Link>
      )}
    </div>
  );
}
