// Who plays in the demo. A real application has this from its own backend.

import { chatRoom } from "carewire";

export interface Person {
  id: string;
  name: string;
  role: "provider" | "patient" | "staff";
  title: string;
}

export const LEE: Person = { id: "dr-lee", name: "Dr. Lee", role: "provider", title: "Provider" };
export const ANA: Person = { id: "ana", name: "Ana Ruiz", role: "patient", title: "Patient" };
export const KIM: Person = { id: "nurse-kim", name: "Kim Novak", role: "staff", title: "Nurse" };
export const PEOPLE: readonly Person[] = [LEE, ANA, KIM];

/** The patient whom everything here is about. */
export const PATIENT = ANA.id;
export const VISIT = "v-ana";
export const VISIT_ROOM = `visit:${VISIT}` as const;
/** The part of the chart that one person at a time writes. */
export const NOTE = "note";

/** Those who only appear in lists. */
const OTHERS: Record<string, string> = {
  "ben-okafor": "Ben Okafor",
  "chiara-rossi": "Chiara Rossi",
  "dev-patel": "Dev Patel",
};

export function nameOf(userId: string): string {
  return PEOPLE.find((person) => person.id === userId)?.name ?? OTHERS[userId] ?? userId;
}

/** With whom one talks first. */
export function partnerOf(me: Person): Person {
  return me.role === "patient" ? LEE : ANA;
}

export function chatOf(me: Person) {
  return chatRoom(me.id, partnerOf(me).id);
}
