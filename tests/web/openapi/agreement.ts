/**
 * The page's own types of what the gateway answers, held against docs/openapi.json. tsc checks this; nothing runs it.
 */

import type { Api, CallRecord, ClientSecret, Config } from '../../../web/js/api.js';
import type { BriefStatus, Health, PageConfig, Registration, Token } from './types.js';

// What the gateway answers is what the page takes it for.
export const config = (answer: PageConfig): Config => answer;
export const record = (answer: BriefStatus): CallRecord => answer;
export const token = (answer: Token): ClientSecret => answer;
export const health = (answer: Health): Awaited<ReturnType<Api['health']>> => answer;

// What the page sends is what the gateway reads.
export const registration = (...[call_id, endpoint, continues]: Parameters<Api['register']>): Registration => ({
  call_id,
  endpoint,
  ...(continues && { continues }),
});

/** The fields, at any depth, that the page's type has and the gateway's has not. */
type Invented<Page, Answer> = Page extends readonly (infer P)[]
  ? Answer extends readonly (infer A)[]
    ? Invented<P, A>
    : never
  : Page extends object
    ? { [K in keyof Page]-?: K extends keyof Answer ? Invented<NonNullable<Page[K]>, NonNullable<Answer[K]>> : K }[keyof Page]
    : never;

// The page reads no field that no answer has: tsc names one that is missing here.
export const none: Record<
  Invented<Config, PageConfig> | Invented<CallRecord, BriefStatus> | Invented<ClientSecret, Token>,
  'is in no answer of the gateway'
> = {};
