import { nameOf } from "../clinic/people";
import { time } from "../ui/format";
import { useNote } from "./useNote";

/** The note for the patient, who reads along. */
export function NoteReader() {
  const note = useNote();
  return (
    <section className="card" aria-label="Note">
      <h3>Note</h3>
      {note ? (
        <>
          <p className="note-text">{note.text}</p>
          <small>
            {nameOf(note.author)}, {time(note.savedAt)}
          </small>
        </>
      ) : (
        <p className="empty">Nothing written yet.</p>
      )}
    </section>
  );
}
