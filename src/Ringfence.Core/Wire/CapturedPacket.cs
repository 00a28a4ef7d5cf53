namespace Ringfence.Core.Wire;

/// <summary>One packet of a capture.</summary>
internal readonly ref struct CapturedPacket
{
    public bool IsPacket { get; init; }

    /// <summary>Empty: its link is not read here.</summary>
    public ReadOnlySpan<byte> Frame { get; init; }

    public LinkType Link { get; init; }

    public FrameDirection Direction { get; init; }

    /// <summary>UTC.</summary>
    public long TimeTicks { get; init; }
}

/// <summary>What a capture says of an interface.</summary>
/// <param name="Link">null: one that is not read here.</param>
/// <param name="Resolution">Of its times: 10 to the minus this; with the highest bit set 2 to the minus the others.</param>
/// <param name="OffsetSeconds">To be added to its times.</param>
/// <param name="LongestPacket">The snapshot length; 0: none.</param>
internal readonly record struct CaptureInterface(LinkType? Link, byte Resolution, long OffsetSeconds, uint LongestPacket)
{
    /// <returns>Seconds since 1970, and ticks within the second.</returns>
    public (long Seconds, long Ticks) Time(ulong units)
    {
        var exponent = Resolution & 0x7f;
        if (Resolution != exponent)
        {
            // 39 bits of a fraction are finer than a tick, and their product with the ticks of a second fits 64.
            var whole = exponent < 64 ? units >> exponent : 0;
            var fraction = exponent < 64 ? units - (whole << exponent) : units;
            var bits = Math.Min(exponent, 39);
            fraction = exponent - bits < 64 ? fraction >> (exponent - bits) : 0;
            return (Seconds(whole), (long)((fraction * TimeSpan.TicksPerSecond) >> bits));
        }

        var unit = Power(exponent);
        var rest = units % unit;
        return (Seconds(units / unit), exponent <= 7 ? (long)(rest * Power(7 - exponent)) : (long)(rest / Power(exponent - 7)));
    }

    private long Seconds(ulong whole) => Math.Clamp((long)Math.Min(whole, long.MaxValue / 2) + Math.Clamp(OffsetSeconds, -uint.MaxValue, uint.MaxValue), 0, uint.MaxValue);

    private static ulong Power(int exponent)
    {
        ulong power = 1;
        for (var i = 0; i < Math.Min(exponent, 19); i++)
        {
            power *= 10;
        }

        return power;
    }
}
