using Ringfence.Core.Gate;

namespace Ringfence.Gate;

/// <summary>The PINs of a running guard: the file as it is now, and who has tried too often. Asked from several connections at once.</summary>
internal sealed class Pins(string path)
{
    /// <summary>Tries of one call.</summary>
    public const int TriesOfCall = 3;

    /// <summary>For the first digit, and then for each.</summary>
    public const int TypingMilliseconds = 8000;

    private const long MaxBytes = 4 << 20;

    private readonly Lock _lock = new();
    private readonly PinGuesses _guesses = new();

    // Who calls in says whose his call is, by the number that he shows: wrong PINs of his lock out callers from outside alone.
    private readonly PinGuesses _strangers = new();

    /// <summary>A file of PINs.</summary>
    /// <exception cref="IOException">It can't be read, or holds something else.</exception>
    public static PinBook Read(string path)
    {
        try
        {
            return PinBook.Parse(File(path).Read() ?? "");
        }
        catch (FormatException mistake)
        {
            throw new IOException($"{path}: {mistake.Message}", mistake);
        }
    }

    /// <exception cref="IOException">It can't be written; the old one stands.</exception>
    public static void Write(string path, PinBook book) => File(path).Write(book.Text);

    /// <exception cref="IOException">The file can't be read.</exception>
    public bool Has(string extension) => Read(path).Has(extension);

    /// <exception cref="IOException">The file can't be read.</exception>
    public long? LockedUntil(string extension, bool isStranger, long now)
    {
        var pin = Read(path).Key(extension);
        lock (_lock)
        {
            return Guesses(isStranger).LockedUntil(pin, now);
        }
    }

    /// <summary>Whether it is his. A wrong one counts; while he is locked out none is looked at. Who was given a new PIN has no wrong ones.</summary>
    /// <param name="isStranger">He called from outside.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool Try(string extension, bool isStranger, string typed, long now)
    {
        // Read anew: a PIN that was just set holds. It takes a hundredth of what the hash does.
        var book = Read(path);
        var pin = book.Key(extension);
        lock (_lock)
        {
            // Counted before the hash is made: calls that try at once are as many tries.
            if (Guesses(isStranger).LockedUntil(pin, now) is not null)
            {
                return false;
            }

            Guesses(isStranger).Fail(pin, now);
        }

        if (!book.Fits(extension, typed))
        {
            return false;
        }

        lock (_lock)
        {
            Guesses(isStranger).Succeed(pin, now);
        }

        return true;
    }

    private PinGuesses Guesses(bool isStranger) => isStranger ? _strangers : _guesses;

    private static StateFile File(string path) => new(path, MaxBytes, UnixFileMode.UserRead | UnixFileMode.UserWrite);
}
