import { useEvent } from "carewire/react";
import { useEffect, useState } from "react";
import { type Note, loadNote } from "../clinic/backend";
import { VISIT_ROOM } from "../clinic/people";

/** The note as it was saved last. */
export function useNote(): Note | undefined {
  const [note, setNote] = useState<Note>();
  useEffect(() => {
    const loading = new AbortController();
    loadNote(loading.signal)
      .then((saved) => setNote((known) => known ?? saved))
      .catch((error: unknown) => loading.signal.aborted || reportError(error));
    return () => loading.abort();
  }, []);
  useEvent(
    "room:event",
    ({ data, timestamp }) => {
      if (data.event !== "note:saved") return;
      const { text } = data.payload as { text: string };
      setNote({ text, author: data.senderId, savedAt: timestamp });
    },
    { room: VISIT_ROOM },
  );
  return note;
}
