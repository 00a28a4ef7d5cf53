using System.Text;
using Ringfence.Core.Numbers;

namespace Ringfence.Sources;

/// <summary>The operator's rate deck on disk.</summary>
internal static class DeckFile
{
    // 100,000 lines are some 5 MB.
    private const int MaxBytes = 256 << 20;

    /// <param name="path">null: there is none.</param>
    /// <exception cref="WorldFailedException">It can't be read, or is no deck.</exception>
    public static RateDeck? Read(string? path) => ReadAll(path).Deck;

    /// <returns>The deck, and what of it could not be read, for people; null: all could.</returns>
    /// <exception cref="WorldFailedException">It can't be read, or is no deck.</exception>
    public static (RateDeck? Deck, string? Unread) ReadAll(string? path)
    {
        if (path is null)
        {
            return (null, null);
        }

        try
        {
            if (new FileInfo(path) is { Length: > MaxBytes })
            {
                throw new WorldFailedException($"{path}: more than 256 MB: no rate deck is so long");
            }

            var (deck, mistakes, skipped) = RateDeckReader.Read(Encoding.UTF8.GetString(File.ReadAllBytes(path)));
            return (deck, skipped == 0 ? null : $"{path}: {skipped} of {skipped + deck.Count} lines could not be read, the first at {Core.Pbx.Shown.Text(mistakes[0], 300)}");
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WorldFailedException($"{path}: there is no such file", problem);
        }
        catch (Exception problem) when (FileTrouble.Is(problem))
        {
            throw new WorldFailedException($"{path}: {problem.Message}", problem);
        }
        catch (FormatException problem)
        {
            throw new WorldFailedException($"{path}: {problem.Message}", problem);
        }
    }

    /// <summary>For who goes on without: then the risk deck says what calls cost.</summary>
    public static (RateDeck? Deck, string? Problem) Try(string? path)
    {
        try
        {
            return ReadAll(path);
        }
        catch (WorldFailedException problem)
        {
            return (null, $"[calls] deck: {problem.Message}: calls cost what the risk deck says");
        }
    }
}
