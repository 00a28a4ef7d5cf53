using System.Runtime.InteropServices;

namespace Ringfence.Core.Fraud;

/// <summary>Who knows a destination.</summary>
internal enum CallHabit
{
    /// <summary>Nobody at the site calls there as a rule.</summary>
    Nobodys,

    /// <summary>Others do, this extension does not.</summary>
    Others,

    /// <summary>This extension does.</summary>
    Own,
}

/// <summary>Where people usually call. Who buys in Bosnia spends there each day what would be a theft from the desk beside him: what a thief may take before he is stopped follows from what was usual, not from what the
/// busiest extension does.</summary>
/// <remarks>Usual is what was called on some days, the first of them some time ago: a thief has neither. A call that was hung up makes nothing usual.</remarks>
internal sealed class CallHabits
{
    private const long Day = 86_400_000;
    private const int Days = 3;
    private const long Age = 7 * Day;

    // Where nobody called for so long nobody is expected to call.
    private const long Memory = 120 * Day;

    private readonly Dictionary<(string Extension, string Region, string Class, bool IsValid), Habit> _habits = [];

    public CallHabit Of(in CallAttempt attempt) =>
        IsUsual(attempt.Extension, attempt) ? CallHabit.Own : IsUsual("", attempt) ? CallHabit.Others : CallHabit.Nobodys;

    /// <summary>A call there was answered, and nobody had to hang it up.</summary>
    public void See(in CallAttempt attempt)
    {
        See(attempt.Extension, attempt);
        See("", attempt);
    }

    private bool IsUsual(string extension, in CallAttempt attempt) =>
        _habits.TryGetValue(KeyOf(extension, attempt), out var habit) && habit.Days >= Days && attempt.At - habit.First >= Age && attempt.At - habit.Last < Memory;

    private void See(string extension, in CallAttempt attempt)
    {
        ref var habit = ref CollectionsMarshal.GetValueRefOrAddDefault(_habits, KeyOf(extension, attempt), out _);
        habit = habit.Days == 0 || attempt.At - habit.Last >= Memory ? new Habit(attempt.At, attempt.At, 1)
            : habit with { Last = attempt.At, Days = habit.Days + (attempt.At / Day != habit.Last / Day ? 1 : 0) };
    }

    // Premium numbers and ranges that nobody was given are other destinations than the rest of their country.
    private static (string Extension, string Region, string Class, bool IsValid) KeyOf(string extension, in CallAttempt attempt) =>
        (extension, attempt.Number.Region ?? "", attempt.Price.Risk.Name, attempt.Number.IsValid);

    private readonly record struct Habit(long First, long Last, int Days);
}
