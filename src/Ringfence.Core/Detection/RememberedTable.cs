using System.Runtime.InteropServices;

namespace Ringfence.Core.Detection;

/// <summary>What is remembered of many, at most of so many.</summary>
/// <remarks>
/// When it is full, a hand goes round and takes the first one that was not used since it last came by (the CLOCK algorithm, with
/// up to three rounds of credit for those seen again): a flood of forged sources, one packet each, pushes out its own kind before an
/// attacker who takes his time. The dictionary's hash must be seeded by the process, so that keys can't be chosen to collide.
/// A list by age, moved at every use, cost a third of a replay in cache misses.
/// </remarks>
internal class RememberedTable<TKey, TEntry>(int capacity, Func<TKey, TEntry> make)
    where TKey : struct, IEquatable<TKey>
    where TEntry : Remembered<TKey>
{
    private const byte MostCredit = 3;

    private readonly Dictionary<TKey, TEntry> _byKey = [];
    private readonly List<TEntry> _round = [];
    private int _hand;

    public int Count => _byKey.Count;

    /// <summary>Those forgotten for want of room.</summary>
    public long Evicted { get; private set; }

    /// <summary>All of them, in no order.</summary>
    public IReadOnlyList<TEntry> Entries => _round;

    public void Clear()
    {
        _byKey.Clear();
        _round.Clear();
        _hand = 0;
    }

    // GetValueOrDefault would be an extension of IReadOnlyDictionary: a cast and a call through the interface for each line of a log (bench: replay).
    public TEntry? Find(TKey key) => _byKey.TryGetValue(key, out var entry) ? entry : null;

    /// <summary>The same as <see cref="Use(TKey)"/> for one that was found already.</summary>
    public static void Use(TEntry known) => known.Credit = known.Credit < MostCredit ? (byte)(known.Credit + 1) : MostCredit;

    public TEntry Use(TKey key)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_byKey, key, out var exists);
        if (exists)
        {
            Use(slot!);
            return slot!;
        }

        slot = make(key);
        return Add(slot);
    }

    /// <summary>Takes an entry that was made elsewhere, in place of one with its key.</summary>
    public void Put(TEntry entry)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_byKey, entry.Key, out var exists);
        if (exists)
        {
            _round[_round.IndexOf(slot!)] = entry;
            slot = entry;
            return;
        }

        slot = entry;
        Add(entry);
    }

    private TEntry Add(TEntry added)
    {
        if (_round.Count < capacity)
        {
            _round.Add(added);
            return added;
        }

        while (_round[_hand].Credit > 0)
        {
            _round[_hand].Credit--;
            _hand = (_hand + 1) % capacity;
        }

        _byKey.Remove(_round[_hand].Key);
        Evicted++;
        _round[_hand] = added;
        _hand = (_hand + 1) % capacity;
        return added;
    }
}
