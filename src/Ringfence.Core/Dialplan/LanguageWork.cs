namespace Ringfence.Core.Dialplan;

/// <summary>How much the automata of one thread have cost, in states, and how much they may cost.</summary>
/// <remarks>An expression of twenty characters, or three lines that call each other, can ask for more states than any memory holds; who asks says what happens then.</remarks>
internal static class LanguageWork
{
    [ThreadStatic]
    private static long _left;

    [ThreadStatic]
    private static bool _isBounded;

    [ThreadStatic]
    private static long _done;

    /// <summary>What this thread has spent so far.</summary>
    public static long Done => _done;

    /// <returns>What <paramref name="make"/> gave; <paramref name="otherwise"/>: it would cost more than this, or than whoever asks further out has left.</returns>
    public static T Within<T>(long most, Func<T> make, T otherwise)
    {
        var (left, isBounded) = (_left, _isBounded);
        var given = isBounded ? Math.Min(most, left) : most;
        (_left, _isBounded) = (given, true);
        try
        {
            return make();
        }
        catch (LanguageTooLargeException)
        {
            return otherwise;
        }
        finally
        {
            (_left, _isBounded) = (left - (given - _left), isBounded);
        }
    }

    /// <exception cref="LanguageTooLargeException">No more is left.</exception>
    public static void Spend(int states)
    {
        _done += states;
        if (_isBounded && (_left -= states) < 0)
        {
            throw new LanguageTooLargeException();
        }
    }
}

/// <summary>An answer would cost more than it is worth.</summary>
internal sealed class LanguageTooLargeException() : Exception("An automaton of dialled texts is too large.");
