namespace Ringfence.Core.Wire;

/// <summary>What is kept of a request to the PBX's HTTP server until it is answered.</summary>
internal sealed class HttpAsked
{
    /// <summary>Some of its bytes of memory, all in all.</summary>
    public const int HeldBytes = 400;

    /// <summary>"GET /ari/channels", any bytes; empty: its first line was not seen.</summary>
    public byte[] Text { get; init; } = [];

    /// <summary>It gave credentials, right or not.</summary>
    public bool HasPassword { get; set; }

    /// <summary>As whom; any bytes; empty: it could not be read.</summary>
    public byte[] Account { get; set; } = [];

    /// <summary>A web page from elsewhere made its visitor's browser ask.</summary>
    public bool IsCrossSite { get; set; }

    /// <summary>So many more were asked behind it, and too many to keep each.</summary>
    public int More { get; set; }
}
