// The demo clinic's own backend: who one is, and what its system of record knows. Carewire tells
// what changes; what is true at the beginning is loaded from here.

import type { Appointment, Reading } from "carewire";
import type { Person } from "./people";
import "./types";

/** A token for one of the demo people. A real backend signs it after a real login. */
export async function fetchToken(person: Person, signal: AbortSignal): Promise<string> {
  const body = JSON.stringify({ sub: person.id, role: person.role, name: person.name });
  const response = await fetch("/dev/token", { method: "POST", body, signal });
  if (!response.ok) throw new Error(`No token: ${response.status}`);
  const { token } = (await response.json()) as { token: string };
  return token;
}

export async function loadAppointments(signal: AbortSignal): Promise<readonly Appointment[]> {
  return (await load<Appointment[]>("schedule", signal)) ?? [];
}

export async function loadReadings(signal: AbortSignal): Promise<readonly Reading[]> {
  return (await load<Reading[]>("vitals", signal)) ?? [];
}

export interface Note {
  text: string;
  author: string;
  savedAt: string;
}

export function loadNote(signal: AbortSignal): Promise<Note | undefined> {
  return load<Note>("note", signal);
}

async function load<T>(name: string, signal: AbortSignal): Promise<T | undefined> {
  const response = await fetch(`/clinic/${name}.json`, { signal, cache: "no-store" });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return (await response.json()) as T;
}
