import { HandoverProblem } from '@handover/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form, Input, Label, Tab, TabList, TabPanel, Tabs, TextField } from 'react-aria-components';
import { base, handover, wordsOf } from '../api.ts';
import { Button } from '../ui/button.tsx';
import { Trouble } from '../ui/trouble.tsx';

/** Signs in by API key, or by the operator's login. */
export function SignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const [way, setWay] = useState<'login' | 'key'>('login');
  const signIn = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string) => String(form.get(name) ?? '');
      const body = way === 'key' ? { key: text('key') } : { user: text('user'), password: text('password') };
      return handover.request('post', '/api/session', { body });
    },
    onSuccess: onSignedIn,
  });
  return (
    <main className="sign-in">
      <div className="card stack">
        <div className="row">
          <img src={`${base}/icon.svg`} width="32" height="32" alt="" />
          <h1>Sign in to Handover</h1>
        </div>
        <Form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate(new FormData(event.currentTarget));
          }}
        >
          <Tabs
            className="stack"
            selectedKey={way}
            onSelectionChange={(key) => {
              setWay(key as typeof way);
              signIn.reset();
            }}
          >
            <TabList aria-label="How to sign in" className="tabs">
              <Tab id="login" className="tab">
                Name and password
              </Tab>
              <Tab id="key" className="tab">
                API key
              </Tab>
            </TabList>
            <TabPanel id="login" className="stack">
              <Entry name="user" label="Name" autoComplete="username" />
              <Entry name="password" label="Password" type="password" autoComplete="current-password" />
            </TabPanel>
            <TabPanel id="key" className="stack">
              <Entry name="key" label="API key" type="password" autoComplete="off" />
            </TabPanel>
          </Tabs>
          {signIn.error !== null && <Trouble {...refusalOf(signIn.error)} />}
          <Button look="primary" type="submit" isDisabled={signIn.isPending}>
            {signIn.isPending ? 'Signing in …' : 'Sign in'}
          </Button>
        </Form>
        <p className="soft small">
          The login is <code>ADMIN_USER</code> and <code>ADMIN_PASSWORD</code> of the API, a key one of its{' '}
          <code>API_KEYS</code>. What you may do depends on the roles of the key.
        </p>
      </div>
    </main>
  );
}

function Entry({
  name,
  label,
  type = 'text',
  autoComplete,
}: {
  name: string;
  label: string;
  type?: string;
  autoComplete: string;
}) {
  return (
    <TextField name={name} type={type} isRequired className="field" autoComplete={autoComplete}>
      <Label>{label}</Label>
      <Input className="input" />
    </TextField>
  );
}

function refusalOf(error: unknown) {
  const wrong = error instanceof HandoverProblem && error.code === 'unauthenticated';
  if (wrong)
    return { title: 'That is not right', detail: 'Handover knows no such key, or name and password.' };
  return wordsOf(error);
}
