import { describe, expect, it } from 'vitest';
import { ExchangeNotes } from '../../../functions/refresh/exchange-notes.ts';
import { NOW } from './state-of.ts';

const noted = (note: (notes: ExchangeNotes) => void) => {
  const notes = new ExchangeNotes();
  note(notes);
  return notes.toChange();
};

describe('what is noted of an exchange', () => {
  it('is nothing as long as there was none', () => {
    expect(noted(() => undefined)).toEqual({});
  });

  it('names the credentials, or that they have no value', () => {
    expect(noted((notes) => notes.usesCredentials('c1'))).toEqual({ credentialsVersionId: 'c1' });
    expect(noted((notes) => notes.usesCredentials(undefined))).toEqual({ credentialsVersionId: null });
  });

  it.each([true, false])('says where they go, and whether they are bound to it: %s', (isBound) => {
    expect(noted((notes) => notes.sendsCredentials('https://idp.example.com', isBound))).toEqual({
      credentialsSentTo: 'https://idp.example.com',
      credentialsBound: isBound,
      credentialsSentToSince: null,
    });
  });

  it('says since when, where they go there for the first time', () => {
    const change = noted((notes) => {
      notes.sendsCredentials('https://idp.example.com', false);
      notes.sendsCredentialsFirst(NOW);
    });
    expect(change).toMatchObject({
      credentialsSentTo: 'https://idp.example.com',
      credentialsSentToSince: NOW,
    });
  });

  it('keeps the last send of a refresh token apart from the last exchange', () => {
    const change = noted((notes) => {
      notes.exchanged(NOW, true);
      notes.exchanged(NOW + 1, false);
    });
    expect(change).toEqual({ exchangedAt: NOW + 1, refreshTokenSentAt: NOW });
  });

  it('remembers a token that could not be published until one is', () => {
    expect(noted((notes) => notes.published(false))).toEqual({ unpublished: true });
    expect(noted((notes) => notes.published(true))).toEqual({ unpublished: null });
  });
});
