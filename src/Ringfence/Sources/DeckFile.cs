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
    public static RateDeck? Read(string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            if (new FileInfo(path) is { Length: > MaxBytes })
            {
                throw new WorldFailedException($"{path}: more than 256 MB: no rate deck is so long");
            }

            return RateDeckReader.Read(Encoding.UTF8.GetString(File.ReadAllBytes(path))).Deck;
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
}
