namespace Ringfence.Core.Pbx;

/// <summary>Where something stands in a configuration: "pjsip.conf:251".</summary>
/// <param name="File">Path relative to the configuration's directory; the full path when the file lies elsewhere.</param>
/// <param name="Line">1-based; 0 when the file as a whole is meant.</param>
internal readonly record struct Place(string File, int Line)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}";
}

/// <summary>Something in a configuration that Asterisk refuses, skips or reads otherwise than it looks.</summary>
/// <param name="Text">A sentence without the place.</param>
/// <param name="StopsReading">
/// Asterisk reads no further. In the file that it was asked for it then takes nothing at all; an included one counts up to there, and the file that includes it goes on (measured on 22.10.1).
/// </param>
/// <param name="IsUnread">Asterisk reads it, and it was not read here.</param>
internal sealed record ConfigProblem(Place Place, string Text, bool StopsReading = false, bool IsUnread = false)
{
    public override string ToString() => $"{Place}: {Text}";
}
