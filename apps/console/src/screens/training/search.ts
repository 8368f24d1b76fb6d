/** What stands behind the `?` of the training: as plain texts, so that it can be read, sent and kept. */
export type Search = Record<string, string>;

export const TABS = ['practise', 'history', 'result'] as const;
export type Tab = (typeof TABS)[number];

/** The chosen tab; the first one of those allowed if there is none, or a wrong one. */
export function tabOf({ tab }: Search, allowed: readonly Tab[]): Tab {
  return allowed.find((known) => known === tab) ?? allowed[0] ?? 'history';
}

/** Who practises: kept along all pages of the training. */
export function whoOf({ trainee, class: group }: Search): Search {
  return { ...(trainee !== undefined && { trainee }), ...(group !== undefined && { class: group }) };
}

/** Which runs are listed: of a trainee, in a class, in a time. As the API names them. */
export function runsAskedFor({ runsOf, runsIn, from, to }: Search) {
  return {
    ...(runsOf !== undefined && { trainee: runsOf }),
    ...(runsIn !== undefined && { class: runsIn }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** The search with these changes; an empty text takes a name away. */
export function changed(search: Search, change: Record<string, string | undefined>): Search {
  const all = Object.entries({ ...search, ...change });
  return Object.fromEntries(
    all.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
  );
}
