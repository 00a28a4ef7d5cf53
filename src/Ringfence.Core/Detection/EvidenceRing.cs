namespace Ringfence.Core.Detection;

/// <summary>The newest suspicious records, byte for byte, in a fixed piece of memory: what a ban will want to show.</summary>
/// <remarks>Under a flood the oldest text is overwritten first; the facts of a refusal (when, what, which line) are kept with it.</remarks>
internal sealed class EvidenceRing(int sizeBytes)
{
    /// <summary>Text beyond this is cut: a record of a normal attempt has 300 to 400 bytes.</summary>
    public const int LongestRecord = 1_000;

    private readonly byte[] _bytes = new byte[sizeBytes];
    private long _end;

    /// <returns>Where it is, for <see cref="At"/>.</returns>
    public long Add(ReadOnlySpan<byte> record)
    {
        var length = Math.Min(record.Length, LongestRecord);
        var room = (int)(_bytes.Length - (_end % _bytes.Length));
        if (room < length)
        {
            _end += room;
        }

        record[..length].CopyTo(_bytes.AsSpan((int)(_end % _bytes.Length)));
        var position = _end;
        _end += length;
        return position;
    }

    /// <returns>The record; empty if it has been overwritten since.</returns>
    public ReadOnlySpan<byte> At(long position, int length) =>
        _end - position > _bytes.Length ? default : _bytes.AsSpan((int)(position % _bytes.Length), length);
}
