import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { RouterProvider as AriaLinks } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api.ts';
import { router } from './routes.tsx';
import { SessionProvider } from './session.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';

const root = document.getElementById('console');
if (root === null) throw new Error('index.html has no element with the id console');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <AriaLinks navigate={(to) => void router.navigate({ to })}>
        <SessionProvider>
          <RouterProvider router={router} />
        </SessionProvider>
      </AriaLinks>
    </QueryClientProvider>
  </StrictMode>,
);
