using System.Globalization;

namespace Ringfence.Core.Perimeter;

/// <summary>Ports of one protocol, <see cref="First"/> to <see cref="Last"/>.</summary>
internal readonly record struct PortRange(PortProtocol Protocol, ushort First, ushort Last) : IComparable<PortRange>
{
    /// <summary>What <see cref="Parse"/> reads, for messages.</summary>
    public const string Expected = "a port and its protocol such as 5060/udp, or a range such as 10000-20000/udp";

    public static PortRange Of(PortProtocol protocol, ushort port) => new(protocol, port, port);

    /// <param name="text">"5060/udp", "10000-20000/udp": as ufw and firewalld write it.</param>
    /// <returns>null: it is neither.</returns>
    public static PortRange? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        PortProtocol? protocol = slash < 0 ? null : text[(slash + 1)..] switch { "tcp" => PortProtocol.Tcp, "udp" => PortProtocol.Udp, _ => null };
        if (protocol is not { } known)
        {
            return null;
        }

        var dash = text.AsSpan(0, slash).IndexOf('-');
        return Port(dash < 0 ? text.AsSpan(0, slash) : text.AsSpan(0, dash)) is { } first && Port(dash < 0 ? text.AsSpan(0, slash) : text.AsSpan(dash + 1, slash - dash - 1)) is { } last && first <= last
            ? new PortRange(known, first, last)
            : null;
    }

    public bool Contains(PortProtocol protocol, ushort port) => protocol == Protocol && port >= First && port <= Last;

    public bool Overlaps(PortRange other) => other.Protocol == Protocol && First <= other.Last && other.First <= Last;

    /// <returns>What is left of it when another is cut out: none, one or two.</returns>
    public IEnumerable<PortRange> Without(PortRange other)
    {
        if (!Overlaps(other))
        {
            yield return this;
            yield break;
        }

        if (First < other.First)
        {
            yield return this with { Last = (ushort)(other.First - 1) };
        }

        if (Last > other.Last)
        {
            yield return this with { First = (ushort)(other.Last + 1) };
        }
    }

    /// <summary>"5060" or "10000-20000", with what stands between them.</summary>
    public string Numbers(char between) => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}{between}{Last}");

    public override string ToString() => $"{Numbers('-')}/{Protocol.Name()}";

    public int CompareTo(PortRange other) => (Protocol, First, Last).CompareTo((other.Protocol, other.First, other.Last));

    private static ushort? Port(ReadOnlySpan<char> text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;
}
