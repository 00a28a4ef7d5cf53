namespace Ringfence.Core.Fraud;

/// <summary>How a call came about, in a word: as ringfence.conf, the names of keys and reports say it.</summary>
internal static class OriginText
{
    private static readonly (CallOrigin Origin, string Word)[] All = [(CallOrigin.Phone, "phone"), (CallOrigin.Forwarded, "forwarded"), (CallOrigin.DialledOn, "dialled-on")];

    public static IReadOnlyList<string> Words { get; } = [.. All.Select(static one => one.Word)];

    public static string Of(CallOrigin origin) => Array.Find(All, one => one.Origin == origin).Word;

    /// <returns>null: it is no such word.</returns>
    public static CallOrigin? Parse(string word) => Array.Exists(All, one => one.Word == word) ? Array.Find(All, one => one.Word == word).Origin : null;
}
