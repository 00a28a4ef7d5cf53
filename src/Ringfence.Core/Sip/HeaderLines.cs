namespace Ringfence.Core.Sip;

/// <summary>The headers of a message one after the other, names and values as they were written.</summary>
/// <remarks>
/// For what a sender's habits are, not for what the message means (that is <see cref="SipMessage"/>): of a header that goes on in lines that begin with a
/// blank only the first line is told, and what has no colon is passed over.
/// </remarks>
internal ref struct HeaderLines
{
    private ReadOnlySpan<byte> _rest;

    public HeaderLines(ReadOnlySpan<byte> message)
    {
        _rest = message.TrimStart(" \t\r\n"u8);
        Skip();
    }

    public ReadOnlySpan<byte> Name { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>What stands behind the headers; before the last of them was told: behind those that were.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public bool Next()
    {
        while (!_rest.IsEmpty)
        {
            var line = Skip();
            if (line.IsEmpty)
            {
                return false;
            }

            if (line[0] is not ((byte)' ' or (byte)'\t') && line.IndexOf((byte)':') is > 0 and var colon)
            {
                Name = line[..colon].TrimEnd(" \t"u8);
                Value = line[(colon + 1)..].Trim(" \t"u8);
                return true;
            }
        }

        return false;
    }

    private ReadOnlySpan<byte> Skip()
    {
        var end = _rest.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0)
        {
            var last = _rest;
            _rest = default;
            return last;
        }

        var line = _rest[..end];
        _rest = _rest[(end + (_rest[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
        return line;
    }
}
