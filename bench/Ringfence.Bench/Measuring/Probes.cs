namespace Ringfence.Bench.Measuring;

/// <summary>Addresses in a stream that are waited for: one thread sends them, one hears of them.</summary>
/// <param name="attack">Has the n-th address of <see cref="Verbs.Blocks.Probes"/> attack.</param>
internal sealed class Probes(Action<int> attack, KernelNotices notices, TimeProvider clock)
{
    private const int MaxProbes = 10_000;

    private readonly long[] _sent = new long[MaxProbes];
    private readonly long[] _banned = new long[MaxProbes];
    private int _count;
    private volatile bool _isStopping;

    public int Count => _count;

    public int Missed => Enumerable.Range(0, _count).Count(i => Volatile.Read(ref _banned[i]) == 0);

    public IEnumerable<double> LagsMilliseconds => Enumerable.Range(0, _count).Where(i => _banned[i] != 0).Select(LagMilliseconds);

    public double LastLagMilliseconds => LagMilliseconds(_count - 1);

    public void Send()
    {
        _sent[_count] = clock.GetTimestamp();
        attack(_count++);
    }

    public void Listen()
    {
        var block = new AddressBlock(Verbs.Blocks.Probes, MaxProbes);
        while (!_isStopping)
        {
            _ = notices.Wait(TimeSpan.FromMilliseconds(50), block, place =>
            {
                if (_banned[place] == 0)
                {
                    Volatile.Write(ref _banned[place], clock.GetTimestamp());
                }
            });
        }
    }

    /// <returns>False: the time is up.</returns>
    public bool WaitForLast(TimeSpan patience)
    {
        var began = clock.GetTimestamp();
        while (Volatile.Read(ref _banned[_count - 1]) == 0 && clock.GetElapsedTime(began) < patience)
        {
            Thread.Sleep(10);
        }

        _isStopping = true;
        return Volatile.Read(ref _banned[_count - 1]) != 0;
    }

    private double LagMilliseconds(int i) => clock.GetElapsedTime(_sent[i], _banned[i]).TotalMilliseconds;
}
