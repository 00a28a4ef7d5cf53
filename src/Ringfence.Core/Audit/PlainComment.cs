namespace Ringfence.Core.Audit;

/// <summary>Whether a comment is a sentence and nothing else: a patch takes it away with its line, and whoever reads the patch reads it.</summary>
internal static class PlainComment
{
    // Who notes a password mostly says so, in whatever language.
    private static readonly string[] Announcing = ["pass", "pwd", "secret", "pin", "code", "key", "login", "cred", "token", "wort", "clave", "contras", "mot", "senha", "segre", "geheim", "wachtw", "zugang"];

    /// <summary>Two words or more, all of letters alone, as prose has them, and none that announces a password; or what allows a finding.</summary>
    /// <param name="comment">From its semicolon on; empty: there is none.</param>
    /// <remarks>A password of letters alone, in a sentence that does not call it one, is the only one that gets through.</remarks>
    public static bool Is(string comment)
    {
        var words = comment.Split((char[])[' ', '\t', ';', ',', '.', ':', '!', '?', '(', ')', '-', '/', '=', '>'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 || comment.TrimStart(';', ' ', '\t').StartsWith("ringfence: allow ", StringComparison.OrdinalIgnoreCase) || (words.Length > 1 && Array.TrueForAll(words, IsPlain));
    }

    /// <summary>Three such words or more, as a line of a log has them.</summary>
    public static bool IsProse(string text) =>
        text.Split((char[])[' ', '\t', ',', '.', ':', '!', '?', '(', ')', '-', '/', '=', '>', '<', '"'], StringSplitOptions.RemoveEmptyEntries) is { Length: > 2 } words && Array.TrueForAll(words, IsPlain);

    // "phones", "Phones", "UDP", "don't"; numbers of a digit or two. "qFxTz" is no word.
    private static bool IsPlain(string word) =>
        (word.Length <= 2 && word.All(char.IsAsciiDigit))
        || (word.All(static c => char.IsLetter(c) || c == '\'') && (word.Length <= 5 && word.All(char.IsUpper) || word.Skip(1).All(static c => !char.IsUpper(c)))
            && !Array.Exists(Announcing, mark => word.Contains(mark, StringComparison.OrdinalIgnoreCase)));
}
