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
/// <param name="StopsReading">Asterisk then refuses the whole configuration, with all files that include this one.</param>
internal sealed record ConfigProblem(Place Place, string Text, bool StopsReading = false)
{
    public override string ToString() => $"{Place}: {Text}";
}
