import type { Scenario } from '@handover/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { wordsOf } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { runScenario, simulationOf } from './queries.ts';
import { changed, type Search, whoOf } from './search.ts';
import { PREDICTIONS, type Prediction, situationOf, titleOf } from './words.ts';

/** The situation, what the trainee predicts, and the run. */
export function TryIt({
  scenario: { scenario, description },
  search,
}: {
  scenario: Scenario;
  search: Search;
}) {
  const navigate = useNavigate({ from: '/training' });
  const client = useQueryClient();
  const hasFallback = search.fallback !== 'no';
  const [chosen, setChosen] = useState<Prediction>();
  const predicted = !hasFallback && chosen === 'moved-to-fallback' ? undefined : chosen;
  const { trainee, class: group } = search;
  const run = useMutation({
    mutationFn: (said: Prediction | undefined) =>
      runScenario(simulationOf(scenario, hasFallback, { trainee, class: group, predicted: said })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['training-runs'] }),
  });
  // Given to `mutate`, it happens only while this page is shown: whoever left is not fetched back.
  const open = (id: string) =>
    void navigate({ to: '/training/runs/$id', params: { id }, search: { ...whoOf(search), play: '1' } });
  const setFallback = (value: string) =>
    void navigate({
      search: (before) => changed(before, { fallback: value === 'no' ? 'no' : undefined }),
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <p>
        <Link to="/training" search={changed(search, { scenario: undefined, fallback: undefined })}>
          ← All situations
        </Link>
        {trainee !== undefined && (
          <span className="soft">
            {' '}
            · <bdi>{trainee}</bdi>
            {group !== undefined && (
              <>
                , <bdi>{group}</bdi>
              </>
            )}
          </span>
        )}
      </p>
      <section className="card stack" aria-labelledby="situation">
        <h2 id="situation">The situation: {titleOf(scenario)}</h2>
        <p className="situation">
          An agent is on a call and asks Handover to move it to the queue <b>practice-desk</b>.{' '}
          {situationOf({ scenario, description })}
        </p>
        <Options
          label="Does the request name a fallback queue?"
          value={hasFallback ? 'yes' : 'no'}
          onChange={setFallback}
          options={[
            {
              value: 'yes',
              name: 'Yes',
              means: 'practice-night, for when the target does not take the call.',
            },
            { value: 'no', name: 'No', means: 'The target, or nothing.' },
          ]}
        />
      </section>
      <section className="card stack" aria-labelledby="predict">
        <h2 id="predict">What will Handover do?</h2>
        <Options
          label="How will the transfer end?"
          value={predicted ?? null}
          onChange={(value) => setChosen(PREDICTIONS.find((one) => one.value === value)?.value)}
          options={PREDICTIONS.filter(({ value }) => hasFallback || value !== 'moved-to-fallback')}
        />
        {run.error !== null && <Trouble {...wordsOf(run.error)} />}
        <div className="row">
          <Button
            look="primary"
            isDisabled={predicted === undefined || run.isPending}
            onPress={() => run.mutate(predicted, { onSuccess: open })}
          >
            {run.isPending ? 'It runs …' : 'Run it'}
          </Button>
          <Button
            look="plain"
            isDisabled={run.isPending}
            onPress={() => run.mutate(undefined, { onSuccess: open })}
          >
            Show it without a prediction
          </Button>
        </div>
        <p className="small soft" role="status">
          {run.isPending
            ? 'A run takes up to half a minute. It goes on if you leave this page, and then stands in the history.'
            : 'Predict first. Then watch it step by step.'}
        </p>
      </section>
    </>
  );
}

type Options = {
  label: string;
  /** null: none yet. Only then the first one can be reached by the keyboard. */
  value: string | null;
  onChange: (value: string) => void;
  options: { value: string; name: string; means: string }[];
};

function Options({ label, value, onChange, options }: Options) {
  return (
    <RadioGroup className="stack options" value={value} onChange={onChange}>
      <Label className="label">{label}</Label>
      <div className="grid">
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className="option">
            <span className="option-mark" aria-hidden="true" />
            <span>
              <b>{option.name}</b>
              <span className="small soft">{option.means}</span>
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
