using Ringfence.Core.Outer;

namespace Ringfence.Outer;

/// <summary>The bans that the kernel enforces, as last looked at; read from any thread.</summary>
internal sealed class CurrentBans
{
    private volatile IReadOnlyList<OuterBan>? _bans;

    /// <value>In the order of addresses; null: nobody has looked yet, and no device may be told that it should hold nothing.</value>
    public IReadOnlyList<OuterBan>? Bans
    {
        get => _bans;
        set => _bans = value;
    }
}
