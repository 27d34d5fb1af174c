package dev.carewire

/** How many handles share one thing. */
internal class Counts<K> {
    private val held = HashMap<K, Int>()

    fun hold(key: K): Unit = synchronized(held) {
        held.merge(key, 1, Int::plus)
    }

    /** One handle less; says whether it was the last one. */
    fun letGo(key: K): Boolean = synchronized(held) {
        val left = (held[key] ?: return false) - 1
        if (left == 0) held.remove(key) else held[key] = left
        left == 0
    }
}
