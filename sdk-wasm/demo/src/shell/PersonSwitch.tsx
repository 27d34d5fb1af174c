import type { Person } from "../clinic/people";

interface Props {
  people: readonly Person[];
  current: Person;
  onChange(person: Person): void;
}

/** Who one is, where there is room for one only. */
export function PersonSwitch({ people, current, onChange }: Props) {
  return (
    <div className="segments" role="group" aria-label="Whose phone this is">
      {people.map((person) => (
        <button key={person.id} aria-pressed={person.id === current.id} onClick={() => onChange(person)}>
          {person.name.split(" ")[0] === "Dr." ? person.name : person.name.split(" ")[0]}
        </button>
      ))}
    </div>
  );
}
