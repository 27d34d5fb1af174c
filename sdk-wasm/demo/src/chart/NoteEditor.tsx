import { useRecordLock, useRoom } from "carewire/react";
import { useState } from "react";
import { NOTE, PATIENT, VISIT_ROOM, nameOf } from "../clinic/people";
import { time } from "../ui/format";
import { Icon } from "../ui/Icon";
import { useNote } from "./useNote";

/** The note for those who write it: one at a time. */
export function NoteEditor() {
  const note = useNote();
  const lock = useRecordLock(PATIENT, NOTE);
  const { publish } = useRoom(VISIT_ROOM);
  const [draft, setDraft] = useState<string>();
  const writing = draft !== undefined;

  const edit = async () => {
    // What was typed before the lock was lost is kept.
    if (await lock.acquire()) setDraft((kept) => kept ?? note?.text ?? "");
  };
  const save = async () => {
    if (lock.lock !== "held" || draft === undefined) return;
    await publish("note:saved", { text: draft, fencingToken: lock.fencingToken }, { retain: true });
    setDraft(undefined);
    lock.release();
  };
  const cancel = () => {
    setDraft(undefined);
    lock.release();
  };

  return (
    <section className="card" aria-label="Note" data-lock={lock.lock}>
      <h3>Note</h3>
      {lock.lock === "taken" && (
        <p className="locked" role="status">
          <Icon name="lock" /> {nameOf(lock.holderId)} is editing
        </p>
      )}
      {writing && lock.lock === "lost" && (
        <p className="locked" role="alert">
          <Icon name="warning" /> Your turn ended. Your text is still here.
          <button onClick={() => void edit()}>Take again</button>
        </p>
      )}
      {writing ? (
        <textarea
          className="note-text"
          aria-label="The note"
          rows={4}
          value={draft}
          readOnly={lock.lock !== "held"}
          onChange={(event) => setDraft(event.target.value)}
        />
      ) : (
        <p className="note-text">{note?.text ?? <span className="empty">Nothing written yet.</span>}</p>
      )}
      <div className="buttons">
        {writing && lock.lock === "held" && (
          <>
            <button className="primary" onClick={() => save().catch(reportError)}>
              Save
            </button>
            <button onClick={cancel}>Cancel</button>
          </>
        )}
        {!writing && lock.lock !== "taken" && (
          <button onClick={() => edit().catch(reportError)} disabled={lock.lock === "acquiring"}>
            Edit
          </button>
        )}
        {!writing && note && (
          <small>
            {nameOf(note.author)}, {time(note.savedAt)}
          </small>
        )}
      </div>
    </section>
  );
}
