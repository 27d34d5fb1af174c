import { usePresence } from "carewire/react";
import { useMe } from "../clinic/me";
import { PEOPLE } from "../clinic/people";
import { Avatar, statusWord } from "../ui/Avatar";

const SETTABLE = ["online", "away", "busy"] as const;

/** Who can be reached, and as what one is seen oneself. */
export function People() {
  const me = useMe();
  const { status, of, setStatus } = usePresence(PEOPLE.map((person) => person.id));
  const mine = status === "ready" ? of(me.id).status : undefined;
  return (
    <section className="card" aria-label="People">
      <h3>People</h3>
      <ul>
        {PEOPLE.filter((person) => person.id !== me.id).map((person) => {
          const presence = status === "ready" ? of(person.id) : undefined;
          return (
            <li key={person.id} className="person">
              <Avatar userId={person.id} {...(presence && { status: presence.status })} />
              <div>
                <strong>{person.name}</strong>
                <small>
                  {presence ? statusWord(presence.status) : "…"}
                  {presence?.customStatus && ` · ${presence.customStatus}`}
                </small>
              </div>
            </li>
          );
        })}
      </ul>
      <div className="segments" role="group" aria-label="Your status">
        {SETTABLE.map((word) => (
          <button key={word} aria-pressed={mine === word} onClick={() => setStatus(word).catch(reportError)}>
            {word}
          </button>
        ))}
      </div>
    </section>
  );
}
