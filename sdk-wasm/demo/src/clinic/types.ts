// What this application adds to the types of the package: its own room events, and what is drawn.

/** A line on the whiteboard, in fractions of its width and height. */
export interface Stroke {
  color: number;
  points: [x: number, y: number][];
}

declare module "carewire" {
  interface AppTypes {
    roomEvents: {
      "visit:checkIn": { appointmentId: string };
      "note:saved": { text: string; fencingToken: number };
      "desk:wanted": { what: "maintenance" | "sms" | "colleague" };
    };
    whiteboardOp: Stroke;
  }
}
