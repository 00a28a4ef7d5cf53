using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;

namespace Ringfence.Perimeter;

/// <summary>The policy in the kernel: table <c>inet ringfence_policy</c>, tried, confirmed or taken back.</summary>
/// <param name="nft">The program and what stands before its arguments; a test's runs in a namespace.</param>
/// <param name="scratch">A program that runs nft where nothing is that could be harmed: a new network namespace.</param>
internal sealed class PolicyTable(IReadOnlyList<string> nft, PolicyFiles files, TimeProvider clock, IReadOnlyList<string>? scratch = null)
{
    private readonly IReadOnlyList<string> _scratch = scratch ?? ["unshare", "--net", "nft"];

    public PolicyFiles Files => files;

    /// <exception cref="FirewallException">nft can't be asked.</exception>
    public async Task<PolicyState> ReadAsync(CancellationToken stop)
    {
        var answer = await AskAsync(nft, ["-j", "list", "table", "inet", NftPolicy.Table], "", stop);
        return answer.ExitCode == 0 ? PolicyStateReader.Read(answer.Output) ?? throw new FirewallException("nft printed something else than the table of the policy")
            : answer.Errors.Contains("No such file or directory", StringComparison.Ordinal) ? PolicyState.None
            : throw FilterTool.Refused("nftables", answer);
    }

    /// <summary>Puts the policy on trial: when nobody confirms it in time the kernel goes back by itself.</summary>
    /// <exception cref="FirewallException">nft refuses it; nothing was changed.</exception>
    public async Task<PolicyState> TryAsync(Policy policy, TimeSpan trial, CancellationToken stop)
    {
        var whole = PolicyScripts.Load(policy);
        await CheckAsync(whole, stop);
        var state = await ReadAsync(stop);
        files.Write(files.Before, (await AskAsync(nft, ["list", "ruleset"], "", stop)).Output);
        files.BeginTrial(whole);
        await ApplyAsync(PolicyScripts.Try(state, policy, state.Next, trial), stop);
        return await ReadAsync(stop);
    }

    /// <summary>Whether nft takes the script: read and asked of the kernel (nft -c), then loaded for real in a namespace of its own.</summary>
    /// <exception cref="FirewallException">It does not.</exception>
    public async Task CheckAsync(string script, CancellationToken stop)
    {
        var read = await AskAsync(nft, ["-c", "-f", "-"], script, stop);
        if (read.ExitCode != 0)
        {
            throw FilterTool.Refused("nftables", read);
        }

        var loaded = await AskAsync(_scratch, ["-f", "-"], script, stop);
        if (loaded.ExitCode != 0)
        {
            throw FilterTool.Refused("nftables", loaded);
        }
    }

    /// <summary>Makes the policy on trial the policy, also for the next start of the machine.</summary>
    public async Task ConfirmAsync(PolicyState state, CancellationToken stop)
    {
        await ApplyAsync(PolicyScripts.Confirm(state), stop);
        files.Confirm();
    }

    /// <summary>Ends the trial.</summary>
    public async Task EndTrialAsync(PolicyState state, CancellationToken stop)
    {
        await ApplyAsync(PolicyScripts.EndTrial(state), stop);
        File.Delete(files.OnTrial);
    }

    /// <summary>Goes back to the policy that was confirmed before the one in force.</summary>
    public async Task GoBackAsync(string previous, CancellationToken stop)
    {
        await ApplyAsync(previous, stop);
        files.GoBack();
    }

    /// <summary>Loads what was confirmed.</summary>
    /// <returns>Whether there is any.</returns>
    public async Task<bool> LoadAsync(CancellationToken stop)
    {
        if (files.Read(files.Confirmed) is not { } script)
        {
            return false;
        }

        await ApplyAsync(script, stop);
        return true;
    }

    /// <summary>Takes the policy out of the kernel and off the disk: then nothing of it holds, now and after the next start.</summary>
    public async Task RemoveAsync(PolicyState state, CancellationToken stop)
    {
        if (state.Parts.Count > 0)
        {
            await ApplyAsync($"delete table inet {NftPolicy.Table}\n", stop);
        }

        files.Forget();
    }

    /// <summary>Runs a script of <see cref="PolicyScripts"/>.</summary>
    /// <exception cref="FirewallException">nft refuses it; nothing was changed.</exception>
    public Task RunAsync(string script, CancellationToken stop) => ApplyAsync(script, stop);

    private async Task ApplyAsync(string script, CancellationToken stop)
    {
        var answer = await AskAsync(nft, ["-f", "-"], script, stop);
        if (answer.ExitCode != 0)
        {
            throw FilterTool.Refused("nftables", answer);
        }
    }

    private Task<ToolAnswer> AskAsync(IReadOnlyList<string> program, IReadOnlyList<string> arguments, string input, CancellationToken stop) => FilterTool.RunAsync([.. program, .. arguments], input, clock, stop);
}
