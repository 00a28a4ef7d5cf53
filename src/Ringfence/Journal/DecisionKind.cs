using Ringfence.Core.Decisions;

namespace Ringfence.Journal;

/// <summary>What a row of the journal decides. The numbers are in files that outlive the program: never reuse one.</summary>
internal enum DecisionKind : byte
{
    Ban = 1,
    Unban = 2,
    Spare = 3,
    Alert = 4,
}

internal static class DecisionKinds
{
    extension(Decision decision)
    {
        public DecisionKind Kind => decision switch
        {
            Ban => DecisionKind.Ban,
            Unban => DecisionKind.Unban,
            Spare => DecisionKind.Spare,
            Alert => DecisionKind.Alert,
            _ => throw new ArgumentOutOfRangeException(nameof(decision), decision.GetType().Name, "a kind of decision without a number in the journal"),
        };

        /// <summary>It ends whatever ban its subject had.</summary>
        public bool Replaces => decision is Ban or Unban;
    }
}
