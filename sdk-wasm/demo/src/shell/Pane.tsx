import { CarewireProvider } from "carewire/react";
import { useCallback, useState } from "react";
import { fetchToken } from "../clinic/backend";
import { Me } from "../clinic/me";
import type { Person } from "../clinic/people";
import { Shell } from "./Shell";
import { SignedOut } from "./SignedOut";

/** One person's screen: a provider of its own, signed in or not. */
export function Pane({ person }: { person: Person }) {
  const [signedIn, setSignedIn] = useState(true);
  const getToken = useCallback(({ signal }: { signal: AbortSignal }) => fetchToken(person, signal), [person]);
  return (
    <section className="pane" aria-label={person.name} data-person={person.id}>
      <CarewireProvider url="/ws" getToken={getToken} userId={signedIn ? person.id : null}>
        <Me value={person}>
          {signedIn ? (
            <Shell onSignOut={() => setSignedIn(false)} />
          ) : (
            <SignedOut name={person.name} onSignIn={() => setSignedIn(true)} />
          )}
        </Me>
      </CarewireProvider>
    </section>
  );
}
