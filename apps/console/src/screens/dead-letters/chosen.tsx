import { type Chosen, filterFacts } from './filter.ts';

/** What an action is done to, in words: its filters, or how many were ticked. */
export function ChosenWords({ filter }: { filter: Chosen & { billing?: boolean } }) {
  const facts = filterFacts(filter);
  if (facts.length === 0) return filter.billing === true ? 'all of billing' : 'all dead letters of transfers';
  return facts.map(({ name, value }, index) => (
    <span key={name}>
      {index === 0 && filter.billing === true && 'of billing, '}
      {index > 0 && ', '}
      {name !== '' && `${name} `}
      <bdi>{value}</bdi>
    </span>
  ));
}
