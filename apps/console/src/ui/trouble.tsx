import { Button } from './button.tsx';

/** What went wrong, and a way to try again. */
export function Trouble({
  title,
  detail,
  fields = [],
  onAgain,
}: {
  title: string;
  detail: string;
  fields?: string[];
  onAgain?: () => void;
}) {
  return (
    <div className="note bad stack" role="alert">
      <div>
        <strong>{title}</strong>
        {detail !== '' && <p>{detail}</p>}
        {fields.length > 0 && (
          <ul>
            {fields.map((field) => (
              <li key={field}>{field}</li>
            ))}
          </ul>
        )}
      </div>
      {onAgain && (
        <div>
          <Button onPress={onAgain}>Try again</Button>
        </div>
      )}
    </div>
  );
}
