import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { TextEntry } from '../../ui/field.tsx';
import { changed, type Search } from './search.ts';

const LONGEST_NAME = 100;

/** Who practises, typed once: it stands in the URL, so a link can bring it along. */
export function Who({ search }: { search: Search }) {
  return (
    <section className="card stack" aria-labelledby="who">
      <h2 id="who">Who practises?</h2>
      <div className="grid">
        <Name search={search} name="trainee" label="Trainee" placeholder="Mia" />
        <Name search={search} name="class" label="Class" placeholder="Autumn 2026" />
      </div>
      <p className="small soft">
        Type it once: it stands in the address of this page. Trainers: fill in the class, then send that
        address to everyone. Runs without a name are kept too, but nobody finds their own.
      </p>
    </section>
  );
}

function Name({
  search,
  name,
  label,
  placeholder,
}: {
  search: Search;
  name: 'trainee' | 'class';
  label: string;
  placeholder: string;
}) {
  const navigate = useNavigate({ from: '/training' });
  const [typed, setTyped] = useState(search[name] ?? '');
  const inUrl = search[name] ?? '';
  // Another address may come from outside: a link, or the way back.
  const shown = typed.trim() === inUrl ? typed : inUrl;
  const type = (text: string) => {
    setTyped(text);
    void navigate({
      search: (before) => changed(before, { [name]: text.trim() }),
      replace: true,
      resetScroll: false,
    });
  };
  return (
    <TextEntry
      label={label}
      placeholder={placeholder}
      value={shown}
      onChange={type}
      maxLength={LONGEST_NAME}
      dir="auto"
      autoComplete="off"
    />
  );
}
