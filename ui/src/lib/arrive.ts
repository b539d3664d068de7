/** A page's file that cannot be had: gone since an upgrade, or out of reach. Either way a click never does nothing. */
const TRIED = 'wenshu.arrive'

/** Browsers have no code for it, each its own words. */
const lost = (error: unknown) =>
  /dynamically imported module|importing a module script|preload css/i.test(String(error))

export interface World {
  /** Whether the server answers at all. */
  reachable: () => Promise<boolean>
  /** The last address that was loaded anew for this reason. */
  tried: { get: () => string | null; set: (address: string) => void }
  load: (address: string) => void
  tell: () => void
}

const browser = (tell: () => void): World => ({
  reachable: () =>
    fetch('/healthz', { cache: 'no-store' }).then(
      (answer) => answer.ok,
      () => false,
    ),
  tried: {
    get: () => sessionStorage.getItem(TRIED),
    set: (address) => sessionStorage.setItem(TRIED, address),
  },
  load: (address) => location.assign(address),
  tell,
})

/** Loads the whole page anew, from the server as it is now; once for an address, and only where there is a server. */
export async function arrive(error: unknown, address: string, tell: () => void, world?: World) {
  if (!lost(error)) return
  const here = world ?? browser(tell)
  if (here.tried.get() !== address && (await here.reachable())) {
    here.tried.set(address)
    here.load(address)
  } else here.tell()
}

/** Whoever arrived may need it again, after the next upgrade. */
export const arrived = () => sessionStorage.removeItem(TRIED)
