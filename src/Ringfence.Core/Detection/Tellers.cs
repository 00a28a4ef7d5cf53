namespace Ringfence.Core.Detection;

/// <summary>The logs as tellers: which of them has told an attempt, so that its second telling is not a second attempt.</summary>
/// <remarks>
/// Two logs can hold the same channel, and one log can be written anew (an editor, <c>cp</c> and <c>mv</c>, a link that is moved), after which it
/// is read from its beginning: its line numbers fall, and it is another teller from then on. Within one telling alike records are as many
/// attempts: a tool sends several requests of one Call-ID in a millisecond.
/// </remarks>
internal sealed class Tellers
{
    // Bits are given out round and round: with more than 16 tellers within the memory of one address, a retelling counts again.
    private const int Bits = 16;

    private readonly List<Teller> _byLog = [];
    private int _given;

    /// <summary>Takes note of where the log is.</summary>
    /// <returns>The teller's bit.</returns>
    public ushort At(ushort log, long line)
    {
        ref var teller = ref Of(log);
        if (line <= teller.LastLine)
        {
            teller = new Teller(NextBit(), line);
        }

        teller.LastLine = line;
        return teller.Bit;
    }

    /// <returns>The teller's bit, for a second event of the record that <see cref="At"/> took note of, and for a source that tells nothing anew.</returns>
    public ushort Same(ushort log) => Of(log).Bit;

    private ref Teller Of(ushort log)
    {
        while (_byLog.Count <= log)
        {
            _byLog.Add(new Teller(NextBit(), 0));
        }

        return ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_byLog)[log];
    }

    private ushort NextBit() => (ushort)(1 << (_given++ % Bits));

    private record struct Teller(ushort Bit, long LastLine);
}
